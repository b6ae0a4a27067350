/** Lets time pass for what a stopped server has stored. */

import { readFile, writeFile } from 'node:fs/promises';
import initSqlJs from 'sql.js';
import type { Tokenry } from './tokenry.ts';

/** Stops the server, moves the end of every consent flow to its beginning, and starts it again. */
export async function letFlowsExpire(tokenry: Tokenry): Promise<void> {
  await tokenry.end();
  const sqlite = await initSqlJs();
  const database = new sqlite.Database(await readFile(tokenry.database));
  // A write-ahead log needs shared memory, or the file for oneself alone.
  database.run('PRAGMA locking_mode = EXCLUSIVE');
  database.run('UPDATE flows SET expires_at = created_at');
  if (database.getRowsModified() === 0) {
    throw new Error('there was no flow that could expire');
  }
  await writeFile(tokenry.database, database.export());
  database.close();
  await tokenry.begin();
}
