import type { Messages } from '../en';
import { create } from './create';
import { frame } from './frame';
import { inference } from './inference';
import { lists } from './lists';
import { store } from './store';
import { training } from './training';

export const zhCN: Messages = { ...create, ...frame, ...inference, ...lists, ...store, ...training };
