import type { offline as texts } from '../en/offline.ts'

export const offline: typeof texts = {
  asOf: (time, ago) => `Datos de ${time}, ${ago}`,
  justNow: 'ahora mismo',
  keep: 'Guardar aquí',
  kept: 'Guardado aquí',
  keepFull: 'Caben 200 clientes. Deja de guardar otro primero.',
  keptTitle: 'Guardados en este dispositivo',
  keptNote: 'Con sus últimos recibos, y al día mientras haya conexión.',
  recentNote:
    'En este dispositivo, cifrados: se pueden leer sin conexión durante tres días, y se borran al cerrar la sesión.',
  searchKept: (count) =>
    count === 1
      ? 'Sin conexión: solo se ha buscado en el único cliente de este dispositivo.'
      : `Sin conexión: solo se ha buscado en los ${count} clientes de este dispositivo.`,
  readUntil: (time) =>
    `Tu sesión ha terminado. Puedes leer lo que hay en este dispositivo hasta las ${time}; después, o cuando haya conexión, entra de nuevo.`,
  leaveTitle: '¿Cerrar la sesión?',
  leaveUnfinished: (count) =>
    count === 1
      ? 'Algo que hiciste aquí no ha terminado, o no has visto en qué quedó.'
      : `${count} cosas que hiciste aquí no han terminado, o no has visto en qué quedaron.`,
  leaveUnreadable:
    'Ahora no se puede leer lo que te queda por enviar, así que nadie puede decir si hay algo.',
  leaveKeepNote:
    'Puedes dejarlas aquí, bajo llave. Se envían cuando vuelvas a entrar en este dispositivo; nadie más puede enviarlas.',
  leaveStay: 'Quedarse',
  leaveKeep: 'Guardarlas y salir',
  leaveDiscard: 'Descartarlas y salir',
}
