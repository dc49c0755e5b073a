/** A key that acts from when it goes down until it comes up, whatever has the focus; a window that loses the focus never hears it come up, so that counts as up. */
export function followHeldKey(key: string, press: () => boolean, release: () => void): () => void {
  let down = false
  const end = () => {
    if (down) release()
    down = false
  }
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== key) return
    event.preventDefault()
    if (event.type === 'keyup') end()
    else if (!down && !event.repeat) down = press()
  }
  document.addEventListener('keydown', onKey)
  document.addEventListener('keyup', onKey)
  window.addEventListener('blur', end)
  return () => {
    document.removeEventListener('keydown', onKey)
    document.removeEventListener('keyup', onKey)
    window.removeEventListener('blur', end)
    end()
  }
}
