/**
 * The till's printer, over Web Serial or WebUSB where the browser has them (Chromium's do). Which one it is was
 * chosen once in the browser's own dialog, and is remembered by its permission.
 */
import { preference } from '../ui/preferences.ts'
import type { Serial, SerialPort, Usb, UsbDevice } from './devices.ts'

/**
 * Why nothing, or not all, was printed: it could not be opened; it went away, or took no more, in the middle;
 * it is no receipt printer.
 */
export type PrinterFault = 'unreachable' | 'lost' | 'stuck' | 'unfit'

export class PrinterError extends Error {
  override readonly name = 'PrinterError'

  constructor(
    readonly fault: PrinterFault,
    cause?: unknown,
  ) {
    super(fault, { cause })
  }
}

export interface Printer {
  /** Resolves when the printer has taken all of it. Rejects with a PrinterError. */
  print(bytes: Uint8Array): Promise<void>
}

export type Connection = 'serial' | 'usb'

export const BAUD_RATES = ['9600', '19200', '38400', '115200'] as const
/** Bits a second of a serial printer; one on USB that calls itself serial takes any. */
export const baudRate = preference<(typeof BAUD_RATES)[number]>('printer.baud', '9600')
/** How the printer was last chosen. */
export const connection = preference<Connection | ''>('printer.connection', '')

/** Besides the time that its bytes need: a printer without paper takes nothing, and says nothing. */
const PATIENCE_MS = 10_000
const USB_CHUNK = 4096
const USB_PRINTER_CLASS = 7

const browser = () => navigator as Navigator & { serial?: Serial; usb?: Usb }

/** The ways to a printer that this browser has. */
export function connections(): readonly Connection[] {
  const { serial, usb } = browser()
  return [...(usb ? (['usb'] as const) : []), ...(serial ? (['serial'] as const) : [])]
}

/** The one that was chosen before, if it is still there. */
export async function knownPrinter(): Promise<Printer | null> {
  const { serial, usb } = browser()
  const [port] = connection.peek() === 'serial' ? ((await serial?.getPorts()) ?? []) : []
  if (port) return new SerialPrinter(port)
  const [device] = connection.peek() === 'usb' ? ((await usb?.getDevices()) ?? []) : []
  return device ? new UsbPrinter(device) : null
}

/** Lets the person choose one, in the browser's dialog, which needs a click. Null: she chose none. */
export async function choosePrinter(how: Connection): Promise<Printer | null> {
  const { serial, usb } = browser()
  const chosen =
    how === 'serial'
      ? choose(serial!.requestPort(), () => serial!.getPorts())
      : choose(usb!.requestDevice({ filters: [{ classCode: USB_PRINTER_CLASS }] }), () =>
          usb!.getDevices(),
        )
  const device = await chosen
  if (!device) return null
  connection.value = how
  return 'transferOut' in device ? new UsbPrinter(device) : new SerialPrinter(device)
}

/** Only one is remembered: those that were allowed before are forgotten. */
async function choose<Device extends SerialPort | UsbDevice>(
  request: Promise<Device>,
  allowed: () => Promise<Device[]>,
): Promise<Device | null> {
  const chosen = await request.catch((error) => {
    // What the dialog says when it is left.
    if (nameOf(error) === 'NotFoundError') return null
    throw new PrinterError('unfit', error)
  })
  if (!chosen) return null
  for (const each of await allowed()) if (each !== chosen) await each.forget?.()
  return chosen
}

class SerialPrinter implements Printer {
  readonly #port: SerialPort

  constructor(port: SerialPort) {
    this.#port = port
  }

  async print(bytes: Uint8Array): Promise<void> {
    const rate = Number(baudRate.peek())
    await this.#port.open({ baudRate: rate }).catch((error) => {
      throw new PrinterError('unreachable', error)
    })
    const writer = this.#port.writable!.getWriter()
    try {
      // Closing it waits until all has left.
      const written = writer.write(bytes).then(() => writer.close())
      await within(PATIENCE_MS + (bytes.length * 10_000) / rate, written)
    } catch (error) {
      await within(PATIENCE_MS, writer.abort()).catch(() => {})
      throw asPrinterError(error)
    } finally {
      writer.releaseLock()
      await this.#port.close().catch(() => {})
    }
  }
}

class UsbPrinter implements Printer {
  readonly #device: UsbDevice

  constructor(device: UsbDevice) {
    this.#device = device
  }

  async print(bytes: Uint8Array): Promise<void> {
    try {
      const endpoint = await this.#claim()
      for (let at = 0; at < bytes.length; at += USB_CHUNK) {
        const sent = this.#device.transferOut(endpoint, bytes.slice(at, at + USB_CHUNK))
        const { status } = await within(PATIENCE_MS, sent)
        if (status !== 'ok') throw new PrinterError('stuck')
      }
    } catch (error) {
      throw asPrinterError(error)
    } finally {
      await this.#device.close().catch(() => {})
    }
  }

  /** The number of the endpoint that takes what is to be printed. */
  async #claim(): Promise<number> {
    const unreachable = (error: unknown) => {
      throw new PrinterError('unreachable', error)
    }
    const device = this.#device
    await device.open().catch(unreachable)
    if (!device.configuration) await device.selectConfiguration(1).catch(unreachable)
    for (const { interfaceNumber, alternate } of device.configuration?.interfaces ?? []) {
      const out = alternate.endpoints.find(
        ({ direction, type }) => direction === 'out' && type === 'bulk',
      )
      if (!out || alternate.interfaceClass !== USB_PRINTER_CLASS) continue
      await device.claimInterface(interfaceNumber).catch(unreachable)
      return out.endpointNumber
    }
    throw new PrinterError('unfit')
  }
}

function asPrinterError(error: unknown): PrinterError {
  return error instanceof PrinterError ? error : new PrinterError('lost', error)
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new PrinterError('stuck')), ms)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : ''
}
