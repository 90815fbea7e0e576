import { create } from './create';
import { frame } from './frame';
import { inference } from './inference';
import { lists } from './lists';
import { store } from './store';
import { training } from './training';

export const en = { ...create, ...frame, ...inference, ...lists, ...store, ...training };

export type MessageKey = keyof typeof en;
export type Messages = Readonly<Record<MessageKey, string>>;
