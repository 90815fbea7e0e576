import Box from '@cloudscape-design/components/box';
import Table from '@cloudscape-design/components/table';
import type { ChannelUsage } from '../../api/mr';
import { StoreLink } from '../../components/StoreLink';
import type { Channel } from '../../generated/sagemaker';
import { useI18n } from '../../i18n/I18n';

/** Where a channel's bytes come from. */
function Source({ channel }: { channel: Channel }) {
  const { S3DataSource: s3, FileSystemDataSource: files } = channel.DataSource;
  if (s3) {
    return (
      <>
        <StoreLink uri={s3.S3Uri} /> <Box variant="small">{[s3.S3DataType, s3.S3DataDistributionType].filter((word) => word !== undefined).join(', ')}</Box>
      </>
    );
  }
  if (files) {
    return (
      <>
        {files.FileSystemId}:{files.DirectoryPath} <Box variant="small">{`${files.FileSystemType}, ${files.FileSystemAccessMode}`}</Box>
      </>
    );
  }
  return <>–</>;
}

/** Channels as asked for, with what was read of each. */
export function ChannelsTable({ channels, usage, mode }: { channels: readonly Channel[]; usage: readonly ChannelUsage[]; mode: string | undefined }) {
  const { t, bytes, number } = useI18n();
  const of = (name: string): readonly ChannelUsage[] => usage.filter((one) => one.ChannelName === name);
  const sum = (name: string, member: 'Bytes' | 'Records' | 'BytesPerSecond' | 'WaitSeconds'): number | undefined => {
    const values = of(name).map((one) => one[member]).filter((value) => value !== undefined);
    return values.length === 0 ? undefined : values.reduce((a, b) => a + b, 0);
  };
  const shown = (value: number | undefined, format: (value: number) => string): string => (value === undefined ? '–' : format(value));
  return (
    <Table
      variant="embedded"
      items={channels}
      trackBy="ChannelName"
      wrapLines
      ariaLabels={{ tableLabel: t('job.channels') }}
      columnDefinitions={[
        { id: 'name', header: t('channel.name'), cell: (channel) => channel.ChannelName, isRowHeader: true },
        { id: 'source', header: t('channel.source'), cell: (channel) => <Source channel={channel} />, minWidth: 220 },
        { id: 'mode', header: t('jobs.mode'), cell: (channel) => of(channel.ChannelName)[0]?.InputMode ?? channel.InputMode ?? mode ?? '–' },
        { id: 'type', header: t('channel.contentType'), cell: (channel) => channel.ContentType ?? '–' },
        { id: 'bytes', header: t('channel.bytes'), cell: (channel) => <span className="mr-number">{shown(sum(channel.ChannelName, 'Bytes'), bytes)}</span> },
        { id: 'records', header: t('channel.records'), cell: (channel) => <span className="mr-number">{shown(sum(channel.ChannelName, 'Records'), number)}</span> },
        { id: 'rate', header: t('channel.rate'), cell: (channel) => <span className="mr-number">{shown(sum(channel.ChannelName, 'BytesPerSecond'), (value) => `${bytes(value)}/s`)}</span> },
        { id: 'wait', header: t('channel.wait'), cell: (channel) => <span className="mr-number">{shown(sum(channel.ChannelName, 'WaitSeconds'), (value) => `${number(Math.round(value * 10) / 10)} s`)}</span> },
      ]}
      empty={t('job.noChannels')}
    />
  );
}
