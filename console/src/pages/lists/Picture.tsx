import { useI18n } from '../../i18n/I18n';
import type { Found } from './atlases';
import { thumbnailSize } from './useAtlases';

/** One thumbnail out of its atlas, `size` dots at its longer side. It is named by the cell that it stands in. */
export function Picture({ found, size = thumbnailSize }: { found: Found | undefined; size?: number }) {
  const { t } = useI18n();
  const box = { inlineSize: size, blockSize: size };
  if (found === undefined) return <div className="mr-thumb mr-thumb-waiting" style={box} />;
  if (found === null) {
    return (
      <div className="mr-thumb mr-thumb-none" style={box}>
        {size >= thumbnailSize && t('lists.noPicture')}
      </div>
    );
  }
  const { url, x, y, width, height } = found;
  // Pictures that are smaller than the box are shown as large as others.
  const scale = size / Math.max(width, height);
  return (
    <div className="mr-thumb" style={box}>
      <div style={{ inlineSize: width, blockSize: height, background: `url(${url}) -${x}px -${y}px no-repeat`, scale: String(scale), imageRendering: scale >= 2 ? 'pixelated' : 'auto', transformOrigin: '0 0', translate: `${(size - width * scale) / 2}px ${(size - height * scale) / 2}px` }} />
    </div>
  );
}
