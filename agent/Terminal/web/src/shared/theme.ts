import { remembered } from './store.ts'

export type Theme = 'night' | 'day'
export const theme = remembered<Theme>('theme', ['night', 'day'], 'night')

export function applyTheme(): void {
  const apply = () => {
    document.documentElement.dataset['theme'] = theme.get()
  }
  theme.subscribe(apply)
  apply()
}
