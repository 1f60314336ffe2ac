import { useState } from 'react';
import { Icon } from './icons';
import { applyTheme, storedTheme, type Theme } from './theme';

const NEXT: Readonly<Record<Theme, Theme>> = { system: 'light', light: 'dark', dark: 'system' };
const WORDS: Readonly<Record<Theme, string>> = { system: 'As the system', light: 'Light', dark: 'Dark' };

/** One button that goes through the themes. */
export function ThemeChoice() {
  const [theme, setTheme] = useState(storedTheme);
  const change = () => {
    applyTheme(NEXT[theme]);
    setTheme(NEXT[theme]);
  };
  return (
    <button type="button" className="plain theme-choice" onClick={change} aria-label={`Theme: ${WORDS[theme]}. Change`}>
      <Icon name={theme} />
      <span aria-hidden="true">{WORDS[theme]}</span>
    </button>
  );
}
