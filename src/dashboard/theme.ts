/** SYSTEM follows what the reader's system has. */
export type Theme = 'system' | 'light' | 'dark';

const KEY = 'stowage-theme';

/** What was chosen in this browser. */
export function storedTheme(): Theme {
  const stored = window.localStorage.getItem(KEY);
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}

/** Shows the page in a theme, and has the browser remember it. */
export function applyTheme(theme: Theme): void {
  if (theme === 'system') {
    window.localStorage.removeItem(KEY);
    delete document.documentElement.dataset['theme'];
  } else {
    window.localStorage.setItem(KEY, theme);
    document.documentElement.dataset['theme'] = theme;
  }
  window.dispatchEvent(new Event(THEME_CHANGED));
}

/** Event of the window after the theme was changed: what is drawn on a canvas takes its colours from the page. */
export const THEME_CHANGED = 'stowage-theme-changed';
