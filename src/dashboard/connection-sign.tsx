import { useEffect, useState } from 'react';
import { useLiveStatus } from './gateway-context';
import { counted } from './words';

/** Milliseconds for which the page says that it has caught up. */
const SHOWN_MS = 8_000;

/** Says when the page is not live, and when it is again; screen readers are told, too. */
export function ConnectionSign() {
  const { connection, caughtUp } = useLiveStatus();
  const [isNews, setIsNews] = useState(false);
  useEffect(() => {
    if (caughtUp === undefined) return;
    setIsNews(true);
    const timer = setTimeout(() => {
      setIsNews(false);
    }, SHOWN_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [caughtUp, connection]);
  const isBack = connection === 'LIVE' && caughtUp !== undefined && isNews;
  return (
    <div role="status" className={`connection ${connection.toLowerCase()}${isBack ? ' back' : ''}`}>
      {connection === 'LOST' && 'The live connection is lost. What you see may be out of date; trying again …'}
      {connection === 'CATCHING_UP' && 'Connected again. Catching up with what happened meanwhile …'}
      {isBack &&
        (caughtUp === 'GAP'
          ? 'Live again. Some events are not kept any more; everything was read anew.'
          : `Live again: caught up with ${counted(caughtUp, 'event')}, none missed.`)}
    </div>
  );
}
