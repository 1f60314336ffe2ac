import cytoscape, { type Core, type StylesheetJson } from 'cytoscape';
import { useEffect, useRef } from 'react';
import { storageNode, type ShareGraph } from './share-graph';
import { THEME_CHANGED } from './theme';

/** How far a map is drawn out at most when all of it is shown. */
const MAX_FIT_ZOOM = 1.1;
const FIT_MARGIN = 30;

/** The map, on a canvas. The list beside it says the same in words, and is what keyboards and screen readers go by. */
export function ShareMap({
  graph,
  selected,
  onSelect,
}: {
  readonly graph: ShareGraph;
  readonly selected: string | undefined;
  readonly onSelect: (shareId: string | undefined) => void;
}) {
  const place = useRef<HTMLDivElement>(null);
  const map = useRef<Core | undefined>(undefined);
  const select = useRef(onSelect);
  useEffect(() => {
    select.current = onSelect;
  });

  useEffect(() => {
    const cy = cytoscape({
      container: place.current,
      style: styleOf(),
      minZoom: 0.05,
      maxZoom: 3,
      boxSelectionEnabled: false,
      autoungrabify: true,
    });
    map.current = cy;
    cy.on('tap', (event) => {
      const target: unknown = event.target;
      select.current(target === cy ? undefined : shareOf(event.target as cytoscape.CollectionReturnValue));
    });
    const restyle = () => {
      cy.style(styleOf());
    };
    const scheme = window.matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', restyle);
    window.addEventListener(THEME_CHANGED, restyle);
    return () => {
      scheme.removeEventListener('change', restyle);
      window.removeEventListener(THEME_CHANGED, restyle);
      cy.destroy();
    };
  }, []);

  const isFitted = useRef(false);
  useEffect(() => {
    const cy = map.current;
    if (cy === undefined) return;
    cy.batch(() => {
      cy.elements().remove();
      cy.add([
        ...graph.nodes.map(({ id, kind, label, parent, isRisky, isRunning, isCrossHost, x, y }) => ({
          group: 'nodes' as const,
          data: { id, label, ...(parent === undefined ? {} : { parent }) },
          position: { x, y },
          classes: [kind.toLowerCase(), isRisky ? 'risky' : '', isRunning ? '' : 'still', isCrossHost ? 'cross' : ''],
        })),
        ...graph.edges.map(({ id, source, target, readOnly, isRisky, isLocal }) => ({
          group: 'edges' as const,
          data: { id, source, target },
          classes: [readOnly ? 'reads' : 'writes', isRisky ? 'risky' : '', isLocal ? 'local' : 'over-hosts'],
        })),
      ]);
    });
    if (!isFitted.current && graph.nodes.length > 0) {
      fit(cy);
      isFitted.current = true;
    }
  }, [graph]);

  useEffect(() => {
    const cy = map.current;
    if (cy === undefined) return;
    cy.elements().removeClass('chosen faded');
    const node = selected === undefined ? undefined : cy.getElementById(storageNode(selected));
    if (node === undefined || node.empty()) return;
    const around = node.closedNeighborhood();
    const all = around.union(around.parents());
    cy.elements().not(all).addClass('faded');
    around.addClass('chosen');
    cy.animate({ fit: { eles: all, padding: FIT_MARGIN * 2 }, duration: prefersStillness() ? 0 : 250 });
  }, [graph, selected]);

  const zoom = (factor: number) => {
    const cy = map.current;
    cy?.zoom({ level: cy.zoom() * factor, renderedPosition: { x: cy.width() / 2, y: cy.height() / 2 } });
  };
  return (
    <div className="map">
      {/* cytoscape makes a style element unless one of this id is there; the page's policy allows style sheets only. */}
      <div id="__________cytoscape_stylesheet" hidden />
      <div ref={place} className="map-canvas" aria-hidden="true" />
      <div className="map-tools">
        <button
          type="button"
          onClick={() => {
            zoom(1.3);
          }}
          aria-label="Zoom in"
        >
          +
        </button>
        <button
          type="button"
          onClick={() => {
            zoom(1 / 1.3);
          }}
          aria-label="Zoom out"
        >
          −
        </button>
        <button
          type="button"
          onClick={() => {
            if (map.current !== undefined) fit(map.current);
          }}
        >
          Show all
        </button>
      </div>
    </div>
  );
}

function fit(cy: Core): void {
  cy.fit(undefined, FIT_MARGIN);
  if (cy.zoom() <= MAX_FIT_ZOOM) return;
  cy.zoom(MAX_FIT_ZOOM);
  cy.center();
}

function prefersStillness(): boolean {
  return window.matchMedia('(prefers-reduced-motion: reduce)').matches;
}

/** The share that a piece of storage, a mount, or the first mount of a container stands for. */
function shareOf(element: cytoscape.CollectionReturnValue): string | undefined {
  const storage = element.closedNeighborhood().union(element.connectedNodes()).filter('.storage').first();
  return storage.empty() ? undefined : storage.id().slice(storageNode('').length);
}

/** In the page's colours, as they are now. */
function styleOf(): StylesheetJson {
  const style = window.getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return [
    {
      selector: 'node',
      style: {
        label: 'data(label)',
        color: colour('text'),
        'font-family': style.fontFamily,
        'font-size': 12,
        'min-zoomed-font-size': 7,
        'text-valign': 'center',
        'text-halign': 'center',
        shape: 'round-rectangle',
        width: 160,
        height: 32,
        'background-color': colour('surface'),
        'border-width': 1,
        'border-color': colour('line-strong'),
      },
    },
    {
      selector: 'node.host',
      style: {
        'text-valign': 'top',
        'text-margin-y': -6,
        'font-size': 16,
        'font-weight': 'bold',
        padding: '18px',
        'background-color': colour('sunken'),
        'border-color': colour('line'),
      },
    },
    { selector: 'node.container.still', style: { color: colour('muted'), 'border-style': 'dashed' } },
    { selector: 'node.storage', style: { shape: 'barrel', 'background-color': colour('accent-soft'), 'border-color': colour('accent') } },
    {
      selector: 'node.cross',
      style: { width: 210, height: 40, 'border-width': 3, 'font-weight': 'bold', 'background-color': colour('busy-soft'), 'border-color': colour('busy') },
    },
    { selector: 'node.storage.risky', style: { 'background-color': colour('warning-soft'), 'border-color': colour('warning'), 'border-width': 2 } },
    { selector: 'edge', style: { width: 1.5, 'line-color': colour('line-strong'), 'curve-style': 'straight', opacity: 0.7 } },
    // From the right side of a container to the left side of the storage, so that none crosses the containers below.
    { selector: 'edge.local', style: { 'source-endpoint': '50% 0%', 'target-endpoint': '-50% 0%' } },
    { selector: 'edge.over-hosts', style: { 'line-color': colour('busy') } },
    { selector: 'edge.reads', style: { 'line-style': 'dashed', width: 1 } },
    { selector: 'edge.risky', style: { 'line-color': colour('warning'), width: 2.5, opacity: 1 } },
    { selector: '.chosen', style: { 'border-width': 3, opacity: 1 } },
    { selector: 'edge.chosen', style: { width: 3 } },
    { selector: '.faded', style: { opacity: 0.18 } },
  ];
}
