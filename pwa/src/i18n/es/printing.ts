import type { printing as texts } from '../en/printing.ts'

export const printing: typeof texts = {
  print: 'Imprimir copia',
  printOn: 'Imprimir en',
  targets: { '80': '80 mm', '58': '58 mm', till: 'Impresora de la caja' },
  printing: 'Imprimiendo…',
  printed: 'Impreso',
  settings: 'Sobre la impresora de la caja',
  copyMark: 'COPIA',
  copyNote: (time) => `Impreso ${time}. No vale como original.`,
  requestMark: 'DEVOLUCIÓN SOLICITADA',
  requestNotSettled: 'SIN RESOLVER',
  requestNote: 'No se ha pagado dinero. Guarda este papel y tu recibo hasta que se resuelva.',
  tillTitle: 'La impresora de la caja',
  tillNote:
    'Elige una vez la impresora de recibos de esta caja; el navegador la recuerda. Debe entender ESC/POS, como casi todas.',
  connections: { usb: 'Impresora por USB', serial: 'Impresora en un puerto serie' },
  columns: 'Caracteres por línea',
  columnsOf: (columns) => (columns === '32' ? '32 (58 mm)' : `${columns} (80 mm)`),
  baudRate: 'Velocidad del puerto serie',
  again: 'Reintentar',
  faults: {
    unreachable: [
      'No se llega a la impresora',
      '¿Está encendida y conectada? Si otro programa imprime en ella, ciérralo; en Windows elige su puerto serie.',
    ],
    lost: [
      'Se cortó la conexión con la impresora',
      'Tira lo que haya salido, revisa el cable e imprime otra vez.',
    ],
    stuck: ['La impresora no admite más', '¿Tiene papel y está cerrada? Imprime otra vez.'],
    unfit: [
      'Eso no es una impresora de recibos',
      'Elige otra, o cómo está conectada. Permite a esta página usarla si el navegador lo pregunta.',
    ],
  },
}
