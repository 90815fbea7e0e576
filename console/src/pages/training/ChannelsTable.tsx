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

/** Channels as asked for, with the size of what they deliver. */
export function ChannelsTable({ channels, usage }: { channels: readonly Channel[]; usage: readonly ChannelUsage[] }) {
  const { t, bytes, number } = useI18n();
  const of = (channel: Channel): ChannelUsage | undefined => usage.find((one) => one.Name === channel.ChannelName);
  const measured = (channel: Channel, member: 'Objects' | 'Bytes', format: (value: number) => string): React.ReactNode => {
    const source = of(channel)?.Source;
    const value = source?.[member];
    return <span className="mr-number">{value === undefined ? '–' : `${source?.More ? '> ' : ''}${format(value)}`}</span>;
  };
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
        { id: 'mode', header: t('jobs.mode'), cell: (channel) => of(channel)?.Mode ?? channel.InputMode ?? '–' },
        { id: 'type', header: t('channel.contentType'), cell: (channel) => channel.ContentType ?? '–' },
        { id: 'objects', header: t('channel.objects'), cell: (channel) => measured(channel, 'Objects', number) },
        { id: 'bytes', header: t('channel.bytes'), cell: (channel) => measured(channel, 'Bytes', bytes) },
      ]}
      empty={t('job.noChannels')}
    />
  );
}
