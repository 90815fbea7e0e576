import Autosuggest from '@cloudscape-design/components/autosuggest';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FileInput from '@cloudscape-design/components/file-input';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import ProgressBar from '@cloudscape-design/components/progress-bar';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import Tabs from '@cloudscape-design/components/tabs';
import Textarea from '@cloudscape-design/components/textarea';
import { useEffect, useMemo, useState } from 'react';
import { asServiceError, type ServiceError } from '../../api/errors';
import { invokeEndpoint, type Answer } from '../../api/runtime';
import { Code } from '../../components/Code';
import { ErrorText } from '../../components/ErrorText';
import { shellQuoted } from '../../components/copyAs';
import { useI18n } from '../../i18n/I18n';
import { useFileDrop } from '../../uploads/useFileDrop';
import { percentile, shownAnswer, type Shown } from './answers';

const types = ['text/csv', 'application/json', 'application/jsonlines', 'application/x-image', 'image/jpeg', 'image/png', 'application/x-recordio-protobuf', 'text/libsvm'];
/** What an endpoint is told that a file is: models of images take them by one name, whatever their format. */
function typeOf(file: File): string {
  if (file.type.startsWith('image/')) return 'application/x-image';
  return file.type === '' ? 'application/octet-stream' : file.type;
}

/** Classes that are drawn as bars. */
const bars = 10;

function AnswerView({ shown }: { shown: Shown }) {
  const { measure } = useI18n();
  if (shown.kind === 'text') return <pre className="mr-pre">{shown.text}</pre>;
  if (shown.kind === 'rows') {
    return (
      <Table
        variant="embedded"
        contentDensity="compact"
        items={shown.rows}
        columnDefinitions={shown.columns.map((column, index) => ({ id: column, header: column, cell: (row: readonly string[]) => <span className="mr-wrap">{row[index]}</span>, isRowHeader: index === 0 }))}
      />
    );
  }
  return (
    <SpaceBetween size="xs">
      {shown.scores.slice(0, bars).map(({ label, score }) => (
        <ProgressBar key={label} label={label} value={Math.max(0, Math.min(100, 100 * score))} additionalInfo={measure(score)} />
      ))}
    </SpaceBetween>
  );
}

/** Sends one request to an endpoint and shows what comes back. */
export function TryOut({ endpoint, ready }: { endpoint: string; ready: boolean }) {
  const { t, number, bytes, milliseconds } = useI18n();
  const [tab, setTab] = useState('text');
  const [text, setText] = useState('');
  const [file, setFile] = useState<File | null>(null);
  const [type, setType] = useState('text/csv');
  const [accept, setAccept] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ServiceError | null>(null);
  const [answer, setAnswer] = useState<{ answer: Answer; text: string } | null>(null);
  const [times, setTimes] = useState<readonly number[]>([]);
  const picture = useMemo(() => (file?.type.startsWith('image/') ? URL.createObjectURL(file) : null), [file]);
  useEffect(() => () => {
    if (picture !== null) URL.revokeObjectURL(picture);
  }, [picture]);
  const body = tab === 'file' ? file : text;

  const take = (files: readonly File[]): void => {
    const [first] = files;
    if (!first) return;
    setFile(first);
    setTab('file');
    setType(typeOf(first));
  };
  const hovering = useFileDrop((files) => take(files.map((one) => one.file)), (failure) => setError(asServiceError(failure)));
  const invoke = async (): Promise<void> => {
    if (body === null || body === '') return;
    setBusy(true);
    setError(null);
    try {
      // A pasted row without its end is a row all the same.
      const got = await invokeEndpoint(endpoint, body, type, accept);
      setAnswer({ answer: got, text: await got.body.text() });
      setTimes((all) => [...all, got.milliseconds]);
    } catch (failure) {
      setAnswer(null);
      setError(asServiceError(failure));
    } finally {
      setBusy(false);
    }
  };
  const shell = `aws sagemaker-runtime invoke-endpoint --endpoint-name ${shellQuoted(endpoint)} --content-type ${shellQuoted(type)} ${accept === '' ? '' : `--accept ${shellQuoted(accept)} `}${
    tab === 'file' ? `--body ${shellQuoted(`fileb://${file?.name ?? ''}`)}` : `--cli-binary-format raw-in-base64-out --body ${shellQuoted(text)}`
  } answer`;

  return (
    <Container header={<Header variant="h2" description={t('try.description')}>{t('try.title')}</Header>}>
      <SpaceBetween size="l">
        {hovering && (
          <div className="mr-drop" aria-hidden>
            {t('try.dropHere')}
          </div>
        )}
        <Tabs
          activeTabId={tab}
          onChange={({ detail }) => {
            setTab(detail.activeTabId);
            setType(detail.activeTabId === 'text' ? 'text/csv' : file ? typeOf(file) : 'application/x-image');
          }}
          tabs={[
            {
              id: 'text',
              label: t('try.text'),
              content: (
                <FormField label={t('try.body')} stretch>
                  <Textarea value={text} rows={5} placeholder={'5.1,3.5,1.4,0.2'} onChange={({ detail }) => setText(detail.value)} spellcheck={false} />
                </FormField>
              ),
            },
            {
              id: 'file',
              label: t('try.file'),
              content: (
                <SpaceBetween size="s">
                  <FileInput value={file ? [file] : []} onChange={({ detail }) => take(detail.value)} ariaLabel={t('try.choose')}>
                    {t('try.choose')}
                  </FileInput>
                  <Box color="text-body-secondary">{t('try.drop')}</Box>
                  {file && (
                    <Box>
                      {file.name} ({bytes(file.size)})
                    </Box>
                  )}
                  {picture !== null && <img className="mr-picture" src={picture} alt={t('try.picture', { name: file?.name ?? '' })} />}
                </SpaceBetween>
              ),
            },
          ]}
        />
        <div className="mr-fields">
          <FormField label={t('channel.contentType')}>
            <Autosuggest value={type} options={types.map((value) => ({ value }))} enteredTextLabel={(value) => t('s3.use', { uri: value })} onChange={({ detail }) => setType(detail.value)} />
          </FormField>
          <FormField label={t('try.accept')}>
            <Autosuggest
              value={accept}
              placeholder={t('try.any')}
              options={['application/json', 'text/csv', 'application/jsonlines'].map((value) => ({ value }))}
              enteredTextLabel={(value) => t('s3.use', { uri: value })}
              onChange={({ detail }) => setAccept(detail.value)}
            />
          </FormField>
          <Button variant="primary" loading={busy} disabled={!ready || body === null || body === ''} disabledReason={ready ? t('try.nothing') : t('try.notReady')} onClick={() => void invoke()}>
            {t('try.invoke')}
          </Button>
        </div>
        {error && (
          <Box color="text-status-error">
            <ErrorText error={error} />
          </Box>
        )}
        {answer && (
          <div data-testid="answer">
            <Tabs
              tabs={[
                { id: 'shown', label: t('try.answer'), content: <AnswerView shown={shownAnswer(answer.answer.contentType, answer.text)} /> },
                { id: 'raw', label: t('try.raw'), content: <Code text={answer.text} label={t('try.raw')} /> },
                {
                  id: 'facts',
                  label: t('try.facts'),
                  content: (
                    <KeyValuePairs
                      columns={3}
                      items={[
                        { label: t('channel.contentType'), value: answer.answer.contentType },
                        { label: t('endpoints.variant'), value: answer.answer.variant },
                        { label: t('common.size'), value: bytes(answer.answer.body.size) },
                      ]}
                    />
                  ),
                },
                { id: 'shell', label: t('copyAs.cli'), content: <Code text={shell} label={t('copyAs.cli')} /> },
              ]}
            />
          </div>
        )}
        {times.length > 0 && (
          <KeyValuePairs
            columns={4}
            items={[
              { label: t('try.last'), value: <span className="mr-number">{milliseconds(times.at(-1) ?? 0)}</span> },
              { label: 'p50', value: <span className="mr-number">{milliseconds(percentile(times, 0.5) ?? 0)}</span> },
              { label: 'p99', value: <span className="mr-number">{milliseconds(percentile(times, 0.99) ?? 0)}</span> },
              { label: t('try.calls'), value: number(times.length) },
            ]}
          />
        )}
      </SpaceBetween>
    </Container>
  );
}
