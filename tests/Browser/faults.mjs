// What can be wrong with the looks of a page: contrast, size, cut off, untranslated. window.ownWords: words that are data.

/** Runs in the page. */
export function faults() {
  const found = []
  const name = (e) => `${e.tagName.toLowerCase()}.${[...e.classList].join('.')} “${(e.textContent ?? '').trim().slice(0, 40)}”`
  const shown = (e) => e.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && e.getBoundingClientRect().width > 1
  const rgba = (text) => {
    const [r, g, b, a = 1] = text.match(/[\d.]+/g).map(Number)
    return { r, g, b, a }
  }
  const over = (top, under) => ({ r: top.r * top.a + under.r * (1 - top.a), g: top.g * top.a + under.g * (1 - top.a), b: top.b * top.a + under.b * (1 - top.a), a: 1 })
  const luminance = ({ r, g, b }) => {
    const [x, y, z] = [r, g, b].map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4))
    return 0.2126 * x + 0.7152 * y + 0.0722 * z
  }
  const ratio = (a, b) => {
    const [hi, lo] = [luminance(a), luminance(b)].sort((x, y) => y - x)
    return (hi + 0.05) / (lo + 0.05)
  }
  // What lies behind an element: its opaque ancestor, or a picture, which may be anything from black to white.
  const grounds = (element) => {
    const layers = []
    for (let e = element; e; e = e.parentElement) {
      const colour = rgba(getComputedStyle(e).backgroundColor)
      if (colour.a > 0) layers.push(colour)
      if (colour.a === 1) break
      if (e.matches('.preview, .live, .picture-frame')) {
        layers.push(null)
        break
      }
    }
    const bases = layers.at(-1) === null ? [{ r: 0, g: 0, b: 0, a: 1 }, { r: 255, g: 255, b: 255, a: 1 }] : [{ r: 0, g: 0, b: 0, a: 1 }]
    return bases.map((base) => layers.filter(Boolean).reduceRight((under, layer) => over(layer, under), base))
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node; (node = walker.nextNode()); ) {
    const e = node.parentElement
    if (!node.nodeValue.trim() || !shown(e) || e.closest('.watermark, [disabled], .grid-labels, option')) continue
    const style = getComputedStyle(e)
    const size = parseFloat(style.fontSize)
    const wanted = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5
    const worst = Math.min(...grounds(e).map((ground) => ratio(over(rgba(style.color), ground), ground)))
    if (worst < wanted) found.push(`contrast ${worst.toFixed(2)} < ${wanted}: ${name(e)}`)
    if (size < 12) found.push(`text of ${size} px: ${name(e)}`)
    if (document.documentElement.lang === 'en' && /[\u3400-\u9fff]/.test(node.nodeValue) && !e.closest('[data-own-words]') && !window.ownWords.some((w) => node.nodeValue.includes(w))) found.push(`Chinese in the English page: ${name(e)}`)
    if (style.overflow === 'hidden' && style.textOverflow === 'ellipsis' && e.scrollWidth > e.clientWidth + 1) found.push(`cut off: ${name(e)}`)
  }
  for (const e of document.querySelectorAll('button, select, input, a')) {
    if (!shown(e)) continue
    const box = e.getBoundingClientRect()
    if (box.width < 44 || box.height < 44) found.push(`target ${Math.round(box.width)}×${Math.round(box.height)}: ${name(e)}`)
    if (box.right > innerWidth + 1 || box.left < -1) if (!e.closest('.map-canvas')) found.push(`outside the screen: ${name(e)}`)
    if (e.tagName === 'BUTTON' && e.scrollWidth > e.clientWidth + 2 && !e.closest('.map-canvas')) found.push(`wider than its button: ${name(e)}`)
    if (!(e.textContent ?? '').trim() && !e.getAttribute('aria-label') && !e.closest('label')) found.push(`no name: ${name(e)}`)
  }
  const root = document.scrollingElement
  if (root.scrollWidth > innerWidth || root.scrollHeight > innerHeight) found.push(`the page scrolls: ${root.scrollWidth}×${root.scrollHeight}`)
  return [...new Set(found)]
}
