/** The language and the lighting of this workstation, kept on it; and the names and the clock of the node that it shows. */
import type { Language, NodeCard } from "../api/types";
import { en } from "./en";
import { fr, type Messages } from "./fr";
import { namesOf } from "./names";
import { showTimesIn } from "./zone";

export type Theme = "dark" | "light";

const LANGUAGE_KEY = "belvedere.language";
const THEME_KEY = "belvedere.theme";

class Speech {
  language = $state<Language>("fr");
  theme = $state<Theme>("dark");
  /** Whose node this is and what it calls everybody; null until it has been read. */
  node = $state.raw<NodeCard | null>(null);
  words: Messages = $derived({ ...(this.language === "fr" ? fr : en), names: namesOf(this.node, this.language) });

  #hearers = new Set<(language: Language) => void>();

  constructor() {
    const language = localStorage.getItem(LANGUAGE_KEY);
    if (language === "fr" || language === "en") this.language = language;
    const theme = localStorage.getItem(THEME_KEY);
    if (theme === "dark" || theme === "light") this.theme = theme;
    this.#show();
  }

  speak(language: Language): void {
    this.language = language;
    localStorage.setItem(LANGUAGE_KEY, language);
    this.#show();
    for (const hear of this.#hearers) hear(language);
  }

  learn(node: NodeCard): void {
    showTimesIn(node.zone);
    this.node = node;
  }

  /** Be told of each change of language, until the returned function is called. */
  heard(hear: (language: Language) => void): () => void {
    this.#hearers.add(hear);
    return () => this.#hearers.delete(hear);
  }

  otherLanguage(): void {
    this.speak(this.language === "fr" ? "en" : "fr");
  }

  otherTheme(): void {
    this.light(this.theme === "dark" ? "light" : "dark");
  }

  light(theme: Theme): void {
    this.theme = theme;
    localStorage.setItem(THEME_KEY, theme);
    this.#show();
  }

  #show(): void {
    document.documentElement.lang = this.language;
    document.documentElement.dataset["theme"] = this.theme;
  }
}

export const speech = new Speech();
