import '@cloudscape-design/global-styles/index.css';
import 'virtual:millrace-theme.css';
import './app/console.css';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { router } from './app/router';
import { provideClipboard } from './app/clipboard';
import { applyAppearance } from './app/theme';
import { I18nRoot } from './i18n/I18n';
import { initialLocale, loadCatalogue } from './i18n/locales';
import { startSession } from './session/session';

applyAppearance();
provideClipboard();
const session = startSession();
const catalogue = await loadCatalogue(initialLocale());
await session;
const root = document.getElementById('root');
if (!root) throw new Error('index.html has no element "root"');
createRoot(root).render(
  <StrictMode>
    <I18nRoot initial={catalogue}>
      <RouterProvider router={router} />
    </I18nRoot>
  </StrictMode>,
);
