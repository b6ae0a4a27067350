/** Beginnings of stories that another spec tells in full. No browser takes part. */

import type { Api, Authorization } from './api.ts';
import { ACCOUNTS, type Sandbox } from './sandbox.ts';

/** What the server makes at its first start with `--sandbox`, ready to be authorized. */
export const EXAMPLE = { authorization: 'Contoso work items', connector: 'Contoso REST API' };

/** Lets an account consent to a stored authorization, over a connect link. */
export async function consent(
  api: Api,
  sandbox: Sandbox,
  id: string,
  account: keyof typeof ACCOUNTS = 'service',
): Promise<void> {
  const link = await api.do<{ connect_url: string }>('POST', `/authorizations/${id}/connect`);
  const begun = await fetch(link.connect_url, { redirect: 'manual' });
  const cookie = begun.headers.getSetCookie().map((value) => value.split(';')[0]).join('; ');
  const callback = await sandbox.decide(begun.headers.get('location') ?? '', account, 'accept');
  const finished = await fetch(callback, { redirect: 'manual', headers: { cookie } });
  if (finished.status !== 303) {
    throw new Error(`the consent failed: ${finished.status} ${await finished.text()}`);
  }
}

/** The example, authorized. */
export async function authorizedExample(api: Api, sandbox: Sandbox): Promise<Authorization> {
  const example = await api.authorization(EXAMPLE.authorization);
  await consent(api, sandbox, example.id);
  return example;
}

/** The example, authorized and served. */
export async function servedExample(api: Api, sandbox: Sandbox): Promise<Authorization> {
  const example = await authorizedExample(api, sandbox);
  await api.publish();
  return example;
}
