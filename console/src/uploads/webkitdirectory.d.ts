import 'react';

declare module 'react' {
  interface InputHTMLAttributes<T> {
    /** Lets a whole folder be chosen; every browser has it, no standard names it. */
    webkitdirectory?: '';
  }
}
