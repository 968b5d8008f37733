/** Zoom and pan by wheel and by touch; uPlot itself brings choosing a part with the mouse. */
import type uPlot from "uplot";
import { moved, zoomed, type View } from "../view";

export interface Viewer {
  readonly view: View;
  readonly whole: View;
  show(view: View): void;
}

export function listenTo(plot: uPlot, viewer: Viewer): void {
  const { over } = plot;
  over.addEventListener("dblclick", () => viewer.show(viewer.whole));
  over.addEventListener("wheel", (event) => onWheel(event, plot, viewer), { passive: false });
  const fingers = new Map<number, number>();
  over.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "touch") return;
    over.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, event.offsetX);
  });
  over.addEventListener("pointermove", (event) => onFinger(event, fingers, plot, viewer));
  for (const end of ["pointerup", "pointercancel"] as const)
    over.addEventListener(end, ({ pointerId }) => void fingers.delete(pointerId));
}

/** A wheel alone scrolls the page. */
function onWheel(event: WheelEvent, plot: uPlot, viewer: Viewer): void {
  const { ctrlKey, metaKey, shiftKey, deltaX, deltaY, offsetX } = event;
  const sideways = Math.abs(deltaX) > Math.abs(deltaY) ? deltaX : shiftKey ? deltaY : 0;
  if (ctrlKey || metaKey)
    viewer.show(zoomed(viewer.view, Math.exp(deltaY / 300), plot.posToVal(offsetX, "x"), viewer.whole));
  else if (sideways !== 0) viewer.show(moved(viewer.view, sideways / plot.over.clientWidth, viewer.whole));
  else return;
  event.preventDefault();
}

/** One finger moves, two zoom. */
function onFinger(
  { pointerId, offsetX }: PointerEvent,
  fingers: Map<number, number>,
  plot: uPlot,
  viewer: Viewer,
): void {
  const before = fingers.get(pointerId);
  if (before === undefined) return;
  fingers.set(pointerId, offsetX);
  const other = [...fingers].find(([id]) => id !== pointerId)?.[1];
  if (other === undefined)
    return viewer.show(moved(viewer.view, (before - offsetX) / plot.over.clientWidth, viewer.whole));
  const was = Math.max(8, Math.abs(before - other));
  const is = Math.max(8, Math.abs(offsetX - other));
  viewer.show(zoomed(viewer.view, was / is, plot.posToVal((offsetX + other) / 2, "x"), viewer.whole));
}
