/** A partition of a topic, as a map key. */
export type Place = `${string}/${number}`;

export function placeOf(topic: string, partition: number): Place {
  return `${topic}/${partition}`;
}

/** Splits at the last slash: Kafka allows none in topic names. */
export function splitPlace(place: Place): { topic: string; partition: number } {
  const at = place.lastIndexOf('/');
  return { topic: place.slice(0, at), partition: Number(place.slice(at + 1)) };
}
