// A box of the bench: QEMU with UEFI, a disk of a file, a TPM (swtpm), a USB stick, and a technician at its serial line.
import { spawn, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'

const Firmware = '/usr/share/OVMF/OVMF_CODE_4M.fd'
const FirmwareState = '/usr/share/OVMF/OVMF_VARS_4M.fd'
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

export const needs = () => [
  ...['qemu-system-x86_64', 'swtpm'].filter((program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0),
  ...[Firmware, FirmwareState].filter((file) => !existsSync(file)),
]

export class Box {
  #folder
  #processor
  #disk
  #stick
  #machine
  #tpm
  #said = ''

  /**
   * A box with a disk (file), and a file system on a USB stick; its TPM and firmware keep their state in `folder`. Unless `virtual`, its
   * processor is emulated: slow, and possible everywhere. Of what can be emulated only what .NET needs: with all of it (`max`) the
   * kernel fell over its own registers after some minutes.
   */
  constructor(folder, disk, stick, virtual) {
    this.#processor = virtual ? ['-accel', 'kvm', '-cpu', 'host'] : ['-accel', 'tcg,thread=multi', '-cpu', 'Westmere,+rdrand']
    this.#folder = folder
    this.#disk = disk
    this.#stick = stick
    mkdirSync(join(folder, 'tpm'), { recursive: true })
    copyFileSync(FirmwareState, join(folder, 'firmware'))
  }

  /** All that came over the serial line since the last start. */
  get said() {
    return this.#said
  }

  /** The ignition is turned. */
  start() {
    this.#said = ''
    const tpm = join(this.#folder, 'tpm.sock')
    this.#tpm = spawn('swtpm', ['socket', '--tpm2', '--tpmstate', `dir=${join(this.#folder, 'tpm')}`, '--ctrl', `type=unixio,path=${tpm}`, '--flags', 'not-need-init,startup-clear'], { stdio: 'ignore' })
    this.#machine = spawn('qemu-system-x86_64', [
      '-machine', 'q35', ...this.#processor, '-smp', '2', '-m', '3072', '-display', 'none', '-no-reboot',
      '-drive', `if=pflash,format=raw,readonly=on,file=${Firmware}`, '-drive', `if=pflash,format=raw,file=${join(this.#folder, 'firmware')}`,
      '-drive', `if=none,id=disk,format=raw,file=${this.#disk}`, '-device', 'nvme,drive=disk,serial=edge-1,bootindex=0',
      '-drive', `if=none,id=stick,format=raw,readonly=on,file=${this.#stick}`, '-device', 'qemu-xhci', '-device', 'usb-storage,drive=stick',
      '-netdev', 'user,id=net', '-device', 'e1000e,netdev=net',
      '-chardev', `socket,id=tpm,path=${tpm}`, '-tpmdev', 'emulator,id=tpm,chardev=tpm', '-device', 'tpm-crb,tpmdev=tpm',
      '-serial', 'stdio', '-monitor', 'none',
    ], { stdio: ['pipe', 'pipe', 'pipe'] })
    for (const out of [this.#machine.stdout, this.#machine.stderr]) out.on('data', (bytes) => (this.#said += bytes.toString('latin1')))
    this.#machine.stdin.on('error', () => {})
  }

  get runs() {
    return this.#machine !== undefined && this.#machine.exitCode === null && this.#machine.signalCode === null
  }

  /** What it says next that fits, from `from` on; throws when it ends or takes longer. */
  async hears(pattern, seconds, from = 0) {
    for (const began = Date.now(); Date.now() - began < seconds * 1000; ) {
      const found = pattern.exec(this.#said.slice(from))
      if (found) return found
      if (!this.runs) break
      await pause(50)
    }
    throw new Error(`${this.runs ? `nothing like ${pattern} in ${seconds} s` : 'the machine ended'}; it last said:\n${this.#said.slice(-2000)}`)
  }

  type(text) {
    this.#machine.stdin.write(text)
  }

  /** To the prompt: a technician with a password. */
  async logIn(password, seconds) {
    await this.hears(/login: /, seconds)
    this.type('root\n')
    await this.hears(/Password: /, 30)
    this.type(`${password}\n`)
    await this.hears(/[#] $|Login incorrect/, 60, this.#said.length)
    if (/Login incorrect/.test(this.#said)) throw new Error('the password is not taken')
    // The line is not to be broken where a screen would end, and the kernel and systemd (RTMIN+21: no more status lines) are to be silent.
    await this.does('kill -s RTMIN+21 1; stty cols 4000 -echo; dmesg -n 1; bind "set enable-bracketed-paste off" 2>/dev/null; export PS1= PAGER=cat SYSTEMD_COLORS=0 TERM=dumb')
  }

  /** One command, its output and exit code. */
  async does(command, seconds = 60) {
    const from = this.#said.length
    this.type(`${command}; echo "<<$?>>"\n`)
    const [, code] = await this.hears(/<<(\d+)>>\r?\n/, seconds, from)
    const said = this.#said.slice(from).replace(/<<\d+>>[\s\S]*$/, '').replaceAll('\r', '')
    return { code: Number(code), said: said.slice(said.lastIndexOf('"<<$?>>"\n') < 0 ? 0 : said.lastIndexOf('"<<$?>>"\n') + 9).trim() }
  }

  /** Power is gone between two instructions. */
  async cut() {
    this.#machine.kill('SIGKILL')
    await this.ended(10)
  }

  /** It ended by itself: switched off or, since nobody starts it anew here, started again. */
  async ended(seconds) {
    for (const began = Date.now(); this.runs && Date.now() - began < seconds * 1000; ) await pause(50)
    if (this.runs) throw new Error(`it still runs after ${seconds} s; it last said:\n${this.#said.slice(-2000)}`)
    this.#tpm.kill()
  }

  close() {
    if (this.runs) this.#machine.kill('SIGKILL')
    this.#tpm?.kill()
  }
}
