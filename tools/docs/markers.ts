/** Parts of a page that a script writes: between `<!-- NAME -->` and `<!-- /NAME -->`. */

export function filled(page: string, name: string, text: string): string {
  const [open, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [page.indexOf(open), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`The page has no ${open} before a ${end}: put both in`);
  return `${page.slice(0, from + open.length)}\n${text}\n${page.slice(to)}`;
}

export const fenced = (language: string, text: string): string => `\`\`\`${language}\n${text}\n\`\`\``;
