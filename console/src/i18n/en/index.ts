import { frame } from './frame';
import { training } from './training';

export const en = { ...frame, ...training };

export type MessageKey = keyof typeof en;
export type Messages = Readonly<Record<MessageKey, string>>;
