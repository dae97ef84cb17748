/** What a browser's window keeps across a reload of the page: which picture stood where. */

export interface Remembered {
  position: number;
  camera: string;
  event: string | null;
}

function isRemembered(kept: unknown): kept is Remembered {
  if (!kept || typeof kept !== "object") return false;
  const { position, camera, event } = kept as Partial<Record<keyof Remembered, unknown>>;
  return Number.isInteger(position) && typeof camera === "string" && (event === null || typeof event === "string");
}

export class RememberedWall {
  #key: string;

  constructor(key: string) {
    this.#key = `belvedere.wall.${key}`;
  }

  read(): Remembered[] {
    try {
      const kept: unknown = JSON.parse(sessionStorage.getItem(this.#key) ?? "[]");
      return Array.isArray(kept) ? kept.filter(isRemembered) : [];
    } catch {
      return [];
    }
  }

  keep(places: Remembered[]): void {
    sessionStorage.setItem(this.#key, JSON.stringify(places));
  }

  forget(): void {
    sessionStorage.removeItem(this.#key);
  }
}
