/** The convention's page, written by the node, taken into a screen: its words and its style, nothing that runs. */

export interface ConventionPage {
  /** What stands in the shadow tree. */
  body: Node;
  style: string;
  /** How the sheet of paper is laid out; it belongs to the whole document. */
  paper: string;
}

/** Return the parts of the page; null where the answer is none. */
export function readPage(html: string): ConventionPage | null {
  // A style element, even of a document that is only read, is held to this page's policy: the rules are taken out first.
  const rules = (of: RegExp) => of.exec(html)?.[1] ?? "";
  const read = new DOMParser().parseFromString(html.replace(/<style\b[^>]*>[\s\S]*?<\/style>/g, ""), "text/html");
  const page = read.querySelector(".page");
  if (!page) return null;
  // Within a screen there is one main part already, and one banner.
  for (const element of page.querySelectorAll("main, header")) {
    const plain = read.createElement("div");
    plain.id = element.id;
    plain.className = element.localName;
    plain.append(...element.childNodes);
    element.replaceWith(plain);
  }
  page.querySelector(".skip")?.remove();
  return {
    body: document.importNode(page, true),
    style: rules(/<style>([\s\S]*?)<\/style>/),
    paper: rules(/<style data-paper>([\s\S]*?)<\/style>/),
  };
}

/** Return a style sheet of these rules. */
export function sheetOf(rules: string): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(rules);
  return sheet;
}
