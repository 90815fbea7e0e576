import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { licences } from './scripts/licences.ts';
import { systemFonts } from './scripts/system_fonts.ts';
import { theme } from './scripts/theme.ts';

export default defineConfig({
  base: '/console/',
  plugins: [systemFonts(), theme(), react(), licences()],
  build: {
    manifest: true,
    target: 'es2022',
    // A data: script or font would need a wider Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 2000,
  },
  // Under the page's own host: the daemon refuses writes whose origin is another.
  server: { proxy: { '/mr': { target: process.env['MILLRACE_ENDPOINT'] ?? 'http://127.0.0.1:9000', changeOrigin: false } } },
});
