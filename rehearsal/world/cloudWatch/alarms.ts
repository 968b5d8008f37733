/** Every alarm of the world, looked at when a minute's metrics are in, in the order in which they were made. */
import { Alarm, type AlarmSpec, type AlarmSurroundings } from "./alarm";

export class Alarms {
  readonly byName = new Map<string, Alarm>();

  constructor(private readonly surroundings: AlarmSurroundings) {
    surroundings.metrics.minuteEnded.subscribe(() => {
      for (const alarm of this.byName.values()) alarm.look();
    });
  }

  add(spec: AlarmSpec): Alarm {
    const alarm = new Alarm(spec, this.surroundings);
    this.surroundings.metrics.keep(alarm.rangeMs);
    this.byName.set(spec.name, alarm);
    return alarm;
  }
}
