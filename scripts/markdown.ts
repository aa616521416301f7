/** Pages of the reference as text. */
export const page = (title: string, ...parts: readonly string[]) => madeBy('npm run docs', title, ...parts)

export const madeBy = (command: string, title: string, ...parts: readonly string[]) =>
  `${[`# ${title}`, `<!-- Made by \`${command}\`; change its source instead. -->`, ...parts].join('\n\n')}\n`

export const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n')

/** Notes to the cells of a page, each text once: `of` gives the mark of one, `list` all of them. */
export function notes() {
  const marks = new Map<string, string>()
  return {
    of(text: string): string {
      const mark = marks.get(text) ?? `[${marks.size + 1}]`
      marks.set(text, mark)
      return mark
    },
    list: () => [...marks].map(([text, mark]) => `- ${mark} ${text}`).join('\n'),
  }
}
