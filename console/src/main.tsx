import '@cloudscape-design/global-styles/index.css';
import 'virtual:millrace-theme.css';
import './app/console.css';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ServiceError } from './api/errors';
import { router } from './app/router';
import { applyAppearance } from './app/theme';
import { I18nRoot } from './i18n/I18n';
import { initialLocale, loadCatalogue } from './i18n/locales';
import { startSession } from './session/session';

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // Asking again helps where the connection broke, not where the service said no.
      retry: (count, error) => count < 2 && !(error instanceof ServiceError && error.status < 500),
      refetchOnWindowFocus: true,
      staleTime: 1000,
    },
  },
});

applyAppearance();
const session = startSession();
const catalogue = await loadCatalogue(initialLocale());
await session;
const root = document.getElementById('root');
if (!root) throw new Error('index.html has no element "root"');
createRoot(root).render(
  <StrictMode>
    <I18nRoot initial={catalogue}>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </I18nRoot>
  </StrictMode>,
);
