import { textOf, type Place, type State } from './state.ts';
import type { World } from './world.ts';

/** What clients may rely on of manifests, whatever rules let go of. */
export class ManifestPromises {
  readonly #world: World;
  /** Pushed without a tag, and since then in no tag and no index: until when rules leave them alone. */
  readonly #pushed = new Map<string, number>();
  /** When something last had a tag or belonged to an index, in steps: then it goes with that. */
  readonly #bound = new Map<string, number>();
  /** Indexes that had all that they name. */
  readonly #whole = new Set<string>();
  readonly #mayBeGone = new Set<string>();

  constructor(world: World) {
    this.#world = world;
  }

  tell(place: Place, sinceStep: number, untilMs: number): void {
    if ((this.#bound.get(textOf(place)) ?? -1) < sinceStep) this.#pushed.set(textOf(place), untilMs);
  }

  allowGone(place: Place): void {
    this.#mayBeGone.add(textOf(place));
  }

  /** What is broken; undefined where all holds. */
  check(state: State): string | undefined {
    for (const text of state.tagged) this.#bind(text);
    for (const { child } of state.children) this.#bind(textOf(child));
    return this.#findGone(state) ?? this.#findBroken(state);
  }

  #bind(text: string): void {
    this.#pushed.delete(text);
    this.#bound.set(text, this.#world.steps);
  }

  #findGone({ manifests }: State): string | undefined {
    for (const [text, untilMs] of this.#pushed) {
      if (untilMs <= this.#world.nowMs || manifests.has(text) || this.#mayBeGone.has(text)) continue;
      return `${text} was pushed just now, and is gone`;
    }
    return undefined;
  }

  /** An index that was whole stays so until it goes itself, unless clients take it to pieces. */
  #findBroken({ manifests, children }: State): string | undefined {
    for (const [index, some] of Map.groupBy(children, (each) => textOf(each.index))) {
      const lost = some.map(({ child }) => textOf(child)).filter((child) => !manifests.has(child));
      if (lost.length === 0) this.#whole.add(index);
      else if (this.#whole.has(index) && !lost.some((child) => this.#mayBeGone.has(child))) {
        return `${index} is there, but not ${lost.join(' and ')}, which it names`;
      }
    }
    for (const index of this.#whole) if (!manifests.has(index)) this.#whole.delete(index);
    return undefined;
  }
}
