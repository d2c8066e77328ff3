import { statement } from '../statement.ts';
import { run, type Work } from '../step.ts';

const dropTokensOf = statement<{ subject: string }>()((q, p) =>
  q.deleteFrom('refresh_tokens').where('subject', '=', p.subject),
);

const dropUploadsOf = statement<{ principal: string }>()((q, p) =>
  q.deleteFrom('uploads').where('principal', '=', p.principal),
);

const dropInvitationsOf = statement<{ name: string }>()((q, p) =>
  q.deleteFrom('invitations').where('user_name', '=', p.name),
);

/** Ends the refresh tokens and the uploads of a subject; what storage holds of these is swept like any that nobody owns. */
export function* endCredentials(subject: string): Work<void> {
  yield* run(dropTokensOf, { subject });
  yield* run(dropUploadsOf, { principal: subject });
}

/** The links that the user has end. */
export function* endInvitations(name: string): Work<void> {
  yield* run(dropInvitationsOf, { name });
}
