/** Where notifications arrive: a mail server and a webhook, neither of them Tokenry's own code. */

import { createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingHttpHeaders, type Server, createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

/** A mail server (Nodemailer's) that keeps what it gets. */
export class MailServer {
  readonly messages: { from: string; to: string[]; raw: string }[] = [];

  private constructor(private readonly server: SMTPServer) {}

  static async start(): Promise<MailServer> {
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['AUTH', 'STARTTLS'],
      onData(stream, session, done) {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          const { mailFrom, rcptTo } = session.envelope;
          mail.messages.push({
            from: mailFrom === false ? '' : mailFrom.address,
            to: rcptTo.map(({ address }) => address),
            raw: Buffer.concat(chunks).toString('utf8'),
          });
          done();
        });
      },
    });
    const mail = new MailServer(server);
    const listening = server.listen(0, '127.0.0.1');
    await once(listening, 'listening');
    return mail;
  }

  get port(): number {
    return (this.server.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }
}

/** What a webhook was sent. */
export interface Posted {
  headers: IncomingHttpHeaders;
  body: string;
}

/** A webhook that keeps what it gets. */
export class Hook {
  readonly posted: Posted[] = [];
  /** What it answers. */
  status = 204;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<Hook> {
    const server = createServer();
    const hook = new Hook(server);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        hook.posted.push({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
        response.writeHead(hook.status).end();
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return hook;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}

/** As `docs/notifications.md` tells receivers to check (Standard Webhooks). */
export function isSigned({ headers, body }: Posted, secret: string): boolean {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  const expected = createHmac('sha256', key).update(signed).digest();
  return String(headers['webhook-signature'])
    .split(' ')
    .map((signature) => Buffer.from(signature.replace(/^v1,/, ''), 'base64'))
    .some((signature) => signature.length === expected.length && timingSafeEqual(signature, expected));
}
