import { usernameOf } from '../answers.ts';
import { Refused } from '../api.ts';
import type { RegctlCommand } from '../command.ts';
import { NOT_LOGGED_IN } from '../exit-codes.ts';
import { done } from '../texts.ts';

export const whoami: RegctlCommand = {
  name: 'whoami',
  summary: 'Says as whom the registry knows you.',
  example: 'cola-regctl whoami',
  action: 'ask who we are',
  async run(call) {
    const api = await call.api();
    try {
      const username = usernameOf(await api.send({ method: 'GET', path: ['whoami'] }));
      return {
        text: done(`Authenticated to ${api.url} as ${username}`),
        data: { server: api.url, authenticated: true, username },
      };
    } catch (error) {
      if (!(error instanceof Refused) || error.exitCode !== NOT_LOGGED_IN) throw error;
      // `success: true` beside exit code 5 is what scripts know (cola contract, section 9.3).
      return {
        text: "Run 'cola-regctl login' to authenticate",
        remark: `✗ Not authenticated to ${api.url}`,
        data: { server: api.url, authenticated: false, username: '(username unknown)' },
        exitCode: NOT_LOGGED_IN,
      };
    }
  },
};
