/// <reference types="vite/client" />
declare module 'virtual:millrace-theme.css';
