/** What documents are called where several are listed. */

export interface Named {
  readonly name: string;
  /** Where the file lies; without a folder where it was never saved. */
  readonly path: string;
}

/** A name for each, in order: those of one name are told apart by their folders, and by numbers where that is not enough. */
export function toldApart(several: readonly Named[]): readonly string[] {
  const names = several.map(({ name }) => name);
  const told = several.map(({ name, path }) => {
    const folder = path.split(/[/\\]/).at(-2) ?? "";
    return folder !== "" && count(names, name) > 1 ? `${name} (${folder})` : name;
  });
  return told.map((name, at) => (count(told, name) > 1 ? `${name} ${count(told.slice(0, at + 1), name)}` : name));
}

function count(names: readonly string[], wanted: string): number {
  return names.filter((name) => name === wanted).length;
}
