import { QueryClient } from '@tanstack/react-query';
import { beforeEach, expect, it, vi } from 'vitest';
import type { ImageList } from '../../api/lists';
import { signIn } from '../../session/session';
import { EditQueue } from './editQueue';
import { listKey } from './listKey';

const list = { Id: '7', Version: 1 } as ImageList;
const remove = { Do: 'remove', Paths: ['a.jpg'] } as const;

let asked: string[];
/** The next answers to a request; without one the server keeps drafts d1, d2… of which each edit counts one more. */
let answers: Record<string, Response[]>;
let drafts: number;
let client: QueryClient;
let queue: EditQueue;
const cached = (): ImageList | undefined => client.getQueryData<ImageList>(listKey('7'));

function answer(what: string, user: string): Response {
  const next = answers[what]?.shift();
  if (next) return next;
  if (what === 'POST /mr/session') return Response.json({ User: user, Account: '1' });
  if (what === 'POST /mr/lists/7/drafts') return Response.json({ Id: `d${++drafts}`, Base: 1, Edits: 0, Counts: {} });
  const id = /^POST \/mr\/drafts\/(\w+)\/edits$/.exec(what)?.[1];
  return Response.json({ Id: id, Base: 1, Edits: 1, Counts: {} });
}

async function signInAs(user: string): Promise<void> {
  vi.stubGlobal('fetch', async (path: string, options?: RequestInit) => {
    const what = `${options?.method ?? 'GET'} ${path}`;
    if (!path.startsWith('/mr/session')) asked.push(what);
    return answer(what, user);
  });
  await signIn({ Token: '' });
}

beforeEach(async () => {
  asked = [];
  answers = {};
  drafts = 0;
  await signInAs('ann');
  client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  client.setQueryData(listKey('7'), list);
  queue = new EditQueue(client, '7', () => undefined);
  return () => vi.unstubAllGlobals();
});

it('edits in a row go into one draft, in their order', async () => {
  await Promise.all([queue.edit(remove), queue.edit(remove)]);
  expect(asked).toEqual(['POST /mr/lists/7/drafts', 'POST /mr/drafts/d1/edits', 'POST /mr/drafts/d1/edits']);
  expect(cached()?.Draft).toMatchObject({ Id: 'd1', Edits: 1 });
});

it('a refetch that began before an edit does not take its draft away', async () => {
  let late: (answer: ImageList) => void = () => undefined;
  const refetch = client.fetchQuery({ queryKey: listKey('7'), queryFn: () => new Promise<ImageList>((resolve) => (late = resolve)), staleTime: 0 }).catch(() => undefined);
  await queue.edit(remove);
  late(list);
  await refetch;
  expect(cached()?.Draft?.Id).toBe('d1');
  expect(client.getQueryState(listKey('7'))?.isInvalidated).toBe(true);
});

it('what is typed after the draft was saved goes into a new one', async () => {
  await queue.edit(remove);
  queue.ended(2);
  expect(cached()).toMatchObject({ Version: 2, Draft: undefined });
  await queue.edit(remove);
  expect(asked.slice(2)).toEqual(['POST /mr/lists/7/drafts', 'POST /mr/drafts/d2/edits']);
});

it('a refusal is told to who asked, and the next edit goes into the same draft', async () => {
  answers['POST /mr/drafts/d1/edits'] = [Response.json({ message: 'no such row' }, { status: 400 })];
  const refused = queue.edit(remove);
  const next = queue.edit(remove);
  await expect(refused).rejects.toMatchObject({ message: 'no such row', status: 400 });
  await next;
  expect(asked).toEqual(['POST /mr/lists/7/drafts', 'POST /mr/drafts/d1/edits', 'POST /mr/drafts/d1/edits']);
});

it('with nothing to undo the service is not asked', async () => {
  await expect(queue.undo('nothing')).rejects.toMatchObject({ message: 'nothing' });
  expect(asked).toEqual([]);
});

it('edits wait where the session has ended, and go out when the same user is back', async () => {
  answers['POST /mr/drafts/d1/edits'] = [new Response('', { status: 401 })];
  const both = Promise.all([queue.edit(remove), queue.edit(remove)]);
  await vi.waitFor(() => expect(asked).toHaveLength(2));
  await signInAs('ann');
  await both;
  expect(asked.slice(2)).toEqual(['POST /mr/drafts/d1/edits', 'POST /mr/drafts/d1/edits']);
});

it('another user who signs in sends nothing of what waits', async () => {
  answers['POST /mr/lists/7/drafts'] = [new Response('', { status: 401 })];
  const edit = expect(queue.edit(remove)).rejects.toMatchObject({ name: 'AbortError' });
  await vi.waitFor(() => expect(asked).toHaveLength(1));
  await signInAs('bob');
  await edit;
  expect(asked).toHaveLength(1);
});
