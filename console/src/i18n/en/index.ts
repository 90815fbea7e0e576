import { create } from './create';
import { frame } from './frame';
import { inference } from './inference';
import { store } from './store';
import { training } from './training';

export const en = { ...create, ...frame, ...inference, ...store, ...training };

export type MessageKey = keyof typeof en;
export type Messages = Readonly<Record<MessageKey, string>>;
