import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import en from './en.json' with { type: 'json' };
import type { English } from './english.js';

/** Languages of the console; texts of the API, such as what to do about a cause, are English. */
export const LANGUAGES = { en: 'English', de: 'Deutsch' } as const;
export type Language = keyof typeof LANGUAGES;
const KEPT_AS = 'pstream.language';

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: English };
  }
}

export const words = i18next;

const isLanguage = (text: string | null | undefined): text is Language => text !== null && text !== undefined && text in LANGUAGES;

/** Starts with English, which every page needs, and loads another language when it is asked for. */
export const startWords = async (): Promise<void> => {
  await i18next.use(initReactI18next).init({
    lng: 'en',
    fallbackLng: 'en',
    resources: { en: { translation: en } },
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  const chosen = localStorage.getItem(KEPT_AS) ?? navigator.language.slice(0, 2);
  await applyLanguage(isLanguage(chosen) ? chosen : 'en');
};

const applyLanguage = async (language: Language): Promise<void> => {
  if (language === 'de' && !i18next.hasResourceBundle('de', 'translation')) {
    const { german } = await import('./german.js');
    i18next.addResourceBundle('de', 'translation', german);
  }
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
};

/** Chooses a language, for this browser from now on. */
export const chooseLanguage = async (language: Language): Promise<void> => {
  localStorage.setItem(KEPT_AS, language);
  await applyLanguage(language);
};
