/** The colours of the style, for what is drawn on a canvas. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--c-${name}`).trim();
}

/** Told when the reader's system turns light or dark. */
export function onThemeChange(told: () => void): void {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", told);
}
