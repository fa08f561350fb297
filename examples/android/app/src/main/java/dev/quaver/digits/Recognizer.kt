package dev.quaver.digits

/**
 * An int8 network that reads handwritten digits, compiled into libdigits.so.
 *
 * One recognizer is used by one thread at a time. [close] frees its memory.
 */
class Recognizer : AutoCloseable {
    private var handle: Long = create()

    /** What the network's kernels are written for: "neon", "neondot", ... */
    val instructionSet: String
        get() = instructionSet(handle)

    /**
     * The probabilities of the digits 0 to 9, in 1/256.
     *
     * @param pixels 28 rows of 28 pixels, 0 (background) to 255 (ink), the digit in the middle
     */
    fun recognize(pixels: ByteArray): IntArray = recognize(handle, pixels)

    override fun close() {
        if (handle != 0L) destroy(handle)
        handle = 0
    }

    companion object {
        const val SIDE = 28

        init {
            System.loadLibrary("digits")
        }

        // All throw IllegalStateException or IllegalArgumentException with Quaver's message.
        @JvmStatic private external fun create(): Long
        @JvmStatic private external fun recognize(handle: Long, pixels: ByteArray): IntArray
        @JvmStatic private external fun instructionSet(handle: Long): String
        @JvmStatic private external fun destroy(handle: Long)
    }
}
