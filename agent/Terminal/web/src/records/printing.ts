/** Prints one element alone, on A4: a copy of it, with its pictures, and nothing else of the page. */
export async function print(selector: string): Promise<void> {
  const shown = document.querySelector(selector)
  if (!shown) return
  const sheet = document.createElement('div')
  sheet.className = 'print-sheet'
  sheet.append(shown.cloneNode(true))
  document.body.append(sheet)
  // A picture that does not load must not keep the rest from the paper.
  await Promise.all([...sheet.querySelectorAll('img')].map((img) => img.decode().catch(() => undefined)))
  window.addEventListener('afterprint', () => sheet.remove(), { once: true })
  window.print()
}
