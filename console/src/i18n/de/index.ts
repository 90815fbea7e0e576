import type { Messages } from '../en';
import { frame } from './frame';
import { training } from './training';

export const de: Messages = { ...frame, ...training };
