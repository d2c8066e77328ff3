/** The row of `counters` that counts changes of who there is and who may do what. */
export const AUTH_COUNTER = 'auth';
