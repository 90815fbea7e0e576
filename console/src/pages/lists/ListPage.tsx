import './lists.css';
import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import Tabs from '@cloudscape-design/components/tabs';
import { useState } from 'react';
import { imagesOf } from '../../api/listImages';
import type { ImageList } from '../../api/lists';
import { Page } from '../../app/Page';
import { useAddress, useGo, useParam } from '../../app/useRoute';
import { paths } from '../../base/paths';
import { CopyAs } from '../../components/CopyAs';
import { LoadError } from '../../components/ErrorText';
import { readRequest } from '../../components/storeRequest';
import { RelativeTime } from '../../components/Time';
import { useI18n } from '../../i18n/I18n';
import { ClassesTab } from './ClassesTab';
import { DraftBar } from './DraftBar';
import { HistoryTab } from './HistoryTab';
import { ProblemsTab } from './ProblemsTab';
import { RestoreDialog } from './RestoreDialog';
import { RowsTab } from './RowsTab';
import { StoreAddress } from './StoreAddress';
import { TrainDialog } from './TrainDialog';
import { ImagesDialog } from './ImagesDialog';
import { useClasses } from './useClasses';
import { draftOf, stateOf, useEdits, useList } from './useList';

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

export function ListPage() {
  const { t } = useI18n();
  const id = useParam('id');
  const [search] = useAddress();
  const version = wholeNumber(search['version']);
  const list = useList(id, version);
  if (!list.data) {
    return (
      <Page title={t('lists.list')} crumbs={[{ text: t('nav.lists'), path: paths.lists }, { text: id }]}>
        {list.isError ? <LoadError what={t('lists.listFailed')} error={list.error} onRetry={() => void list.refetch()} /> : <Spinner size="large" />}
      </Page>
    );
  }
  return <Opened key={id} list={list.data} version={version} />;
}

function Opened({ list, version }: { list: ImageList; version: number | undefined }) {
  const { t, tn } = useI18n();
  const go = useGo();
  const [search, change] = useAddress();
  const [training, setTraining] = useState<'train_lst' | 'validation_lst' | null>(null);
  const [restoring, setRestoring] = useState(false);
  const edits = useEdits(list);
  const { classes, names } = useClasses(list);
  const [root, setRoot] = useState(() => imagesOf(list.Id, list.Source));
  const [choosingImages, setChoosingImages] = useState(false);
  const draft = draftOf(list);
  const source = readRequest(list.Source);
  const state = stateOf(list, version);
  const title = list.Source.replace(/^.*[/:]/, '');
  const tab = search['tab'] ?? 'rows';
  const show = (next: Record<string, string | undefined>): void => change({ tab: undefined, ...next });
  return (
    <Page
      title={title}
      crumbs={[{ text: t('nav.lists'), path: paths.lists }, { text: title }]}
      help={
        <>
          <p>{t('lists.help')}</p>
          <p>{t('lists.help.keys')}</p>
          <p>{t('lists.help.draft')}</p>
        </>
      }
      description={
        <span className="mr-facts">
          <StoreAddress uri={list.Source} />
          <span>{tn('lists.rows', list.Rows)}</span>
          <span>{tn('lists.classCount', list.Classes.length)}</span>
          <span>
            v{list.Version} · <RelativeTime seconds={Date.parse(list.ModifiedTime) / 1000} />
          </span>
          <span>
            {t('lists.imagesIn')}{' '}
            <Button variant="inline-link" onClick={() => setChoosingImages(true)}>
              {root}
            </Button>
          </span>
        </span>
      }
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          {source && <CopyAs request={source} />}
          <Button onClick={() => go(paths.diff(`${list.Id}@${Math.max(1, list.Version - 1)}`, `${list.Id}@${list.Version}`))}>{t('lists.compare')}</Button>
          <ButtonDropdown
            variant="primary"
            items={[
              { id: 'train_lst', text: t('lists.asTraining') },
              { id: 'validation_lst', text: t('lists.asValidation') },
            ]}
            onItemClick={({ detail }) => setTraining(detail.id as 'train_lst' | 'validation_lst')}
          >
            {t('lists.train')}
          </ButtonDropdown>
        </SpaceBetween>
      }
    >
      <SpaceBetween size="l">
        {version !== undefined && (
          <Alert
            type="info"
            header={t('lists.oldVersion', { version })}
            action={
              <SpaceBetween direction="horizontal" size="xs">
                <Button onClick={() => setRestoring(true)}>{t('lists.restoreVersion')}</Button>
                <Button onClick={() => change({ version: undefined })}>{t('lists.toNewest')}</Button>
              </SpaceBetween>
            }
          >
            {t('lists.oldVersionText')}
          </Alert>
        )}
        {state.draft !== undefined && draft && <DraftBar list={list} draft={draft} names={names} edits={edits} />}
        <Tabs
          activeTabId={tab}
          onChange={({ detail }) => change({ tab: detail.activeTabId === 'rows' ? undefined : detail.activeTabId })}
          tabs={[
            { id: 'rows', label: t('lists.pictures'), content: <RowsTab list={list} state={state} root={root} classes={classes} names={names} edits={version === undefined ? edits : undefined} /> },
            { id: 'classes', label: t('lists.classes'), content: <ClassesTab classes={classes} names={names} onClass={(label) => show({ class: String(label), query: undefined, path: undefined })} /> },
            {
              id: 'problems',
              label: t('lists.problems'),
              content: <ProblemsTab list={list} state={state} onLine={(line) => show({ line: String(line), class: undefined, query: undefined, path: undefined, sort: undefined, order: undefined })} />,
            },
            { id: 'history', label: t('lists.history'), content: <HistoryTab list={list} /> },
          ]}
        />
      </SpaceBetween>
      {training !== null && <TrainDialog list={list} root={root} channel={training} onClose={() => setTraining(null)} />}
      {choosingImages && (
        <ImagesDialog
          list={list}
          root={root}
          onClose={() => setChoosingImages(false)}
          onChosen={setRoot}
        />
      )}
      {restoring && version !== undefined && (
        <RestoreDialog
          list={list}
          version={version}
          onClose={() => setRestoring(false)}
          onDone={() => {
            edits.refresh();
            change({ version: undefined });
          }}
        />
      )}
    </Page>
  );
}
