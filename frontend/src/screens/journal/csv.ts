/** The journal's answer as a file for a table program. Pure. */

/** What a table program may take for a formula. */
const FORMULA = /^[=+\-@\t\r]/;

/** Return one cell: never a formula, quoted where it must be. */
export function cell(text: string): string {
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return /[",;\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** Return the whole file, with the mark that tells table programs that it is UTF-8. */
export function csv(rows: readonly (readonly string[])[]): string {
  return `\u{feff}${rows.map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}
