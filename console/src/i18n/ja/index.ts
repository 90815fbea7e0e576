import type { Messages } from '../en';
import { frame } from './frame';
import { training } from './training';

export const ja: Messages = { ...frame, ...training };
