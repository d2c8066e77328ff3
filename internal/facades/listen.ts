export interface ListenAddress {
  readonly address: string;
  readonly port: number;
}

/** `0.0.0.0:8080`, `[::1]:8080`, and `:8080` for all addresses; undefined for what is none of these. */
export function findListenAddress(text: string): ListenAddress | undefined {
  const [, six, four = '', digits] = /^(?:\[([0-9a-f:.]+)\]|([A-Za-z0-9.-]*)):(\d{1,5})$/i.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) return undefined;
  return { address: six ?? (four === '' ? '::' : four), port };
}

/** The check of a `facades.<name>.listen`. */
export const checkListenAddress = (text: string): string | undefined =>
  findListenAddress(text) ? undefined : 'must be an address and a port, such as 0.0.0.0:8080';
