/** Characters of an id that the engine's tools show, and the fewest that are taken for the beginning of one. */
const SHORT_ID_LENGTH = 12;

/** Containers by what --volumes-from may call them: a name, or the beginning of an id. */
export class DonorIndex {
  private readonly byName = new Map<string, string>();
  private readonly byShortId = new Map<string, string[]>();

  constructor(containers: Iterable<{ readonly engineId: string; readonly name: string }>) {
    for (const container of containers) this.add(container);
  }

  add({ engineId, name }: { readonly engineId: string; readonly name: string }): void {
    this.byName.set(name, engineId);
    const shortId = engineId.slice(0, SHORT_ID_LENGTH);
    const alike = this.byShortId.get(shortId);
    if (alike === undefined) this.byShortId.set(shortId, [engineId]);
    else if (!alike.includes(engineId)) alike.push(engineId);
  }

  /** Engine ids of containers that may be meant; some may have another name by now, or be gone. */
  find(key: string): readonly string[] {
    const named = this.byName.get(key);
    const alike = key.length < SHORT_ID_LENGTH ? [] : (this.byShortId.get(key.slice(0, SHORT_ID_LENGTH)) ?? []);
    return named === undefined ? alike : [named, ...alike.filter((engineId) => engineId !== named)];
  }
}
