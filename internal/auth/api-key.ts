import { createHash, randomBytes } from 'node:crypto';

// A prefix that scanners for leaked secrets can look for, and 256 random bits: no guessing, so a plain hash will do.
const KEY = /^octk_[A-Za-z0-9_-]{43}$/;
const REFRESH = /^octr_[A-Za-z0-9_-]{43}$/;
const INVITATION = /^octi_[A-Za-z0-9_-]{43}$/;

const secretOf = (prefix: string): string => `${prefix}_${randomBytes(32).toString('base64url')}`;

export const newApiKey = (): string => secretOf('octk');
export const newRefreshToken = (): string => secretOf('octr');
export const newInvitation = (): string => secretOf('octi');

export const isApiKey = (text: string): boolean => KEY.test(text);
export const isRefreshToken = (text: string): boolean => REFRESH.test(text);
export const isInvitation = (text: string): boolean => INVITATION.test(text);

/** What of such a secret is stored. */
export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex');
