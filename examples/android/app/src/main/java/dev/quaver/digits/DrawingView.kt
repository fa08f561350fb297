package dev.quaver.digits

import android.content.Context
import android.graphics.Bitmap
import android.graphics.Canvas
import android.graphics.Color
import android.graphics.Paint
import android.graphics.Path
import android.graphics.RectF
import android.view.MotionEvent
import android.view.View

/** A square to draw on with a finger. */
class DrawingView(context: Context) : View(context) {
    /** Called when a finger is lifted. */
    var onDrawn: () -> Unit = {}

    private val path = Path()
    private val ink = Paint(Paint.ANTI_ALIAS_FLAG).apply {
        color = Color.WHITE
        style = Paint.Style.STROKE
        strokeCap = Paint.Cap.ROUND
        strokeJoin = Paint.Join.ROUND
    }

    init {
        setBackgroundColor(Color.BLACK)
    }

    fun clear() {
        path.reset()
        invalidate()
    }

    /**
     * The drawing as MNIST has its digits: scaled to fit 20x20 pixels, in the middle of 28x28,
     * white on black. Null where nothing is drawn.
     */
    fun pixels(): ByteArray? {
        val bounds = RectF()
        path.computeBounds(bounds, true)
        if (path.isEmpty) return null
        val side = Recognizer.SIDE
        val scale = DIGIT_SIDE / maxOf(bounds.width(), bounds.height(), 1f)
        val bitmap = Bitmap.createBitmap(side, side, Bitmap.Config.ARGB_8888)
        val canvas = Canvas(bitmap)
        canvas.translate(side / 2f, side / 2f)
        canvas.scale(scale, scale)
        canvas.translate(-bounds.centerX(), -bounds.centerY())
        canvas.drawPath(path, Paint(ink).apply { strokeWidth = STROKE / scale })
        return ByteArray(side * side) { Color.red(bitmap.getPixel(it % side, it / side)).toByte() }
    }

    override fun onMeasure(widthSpec: Int, heightSpec: Int) {
        val side = minOf(MeasureSpec.getSize(widthSpec), MeasureSpec.getSize(heightSpec))
        setMeasuredDimension(side, side)
        ink.strokeWidth = side * STROKE / Recognizer.SIDE
    }

    override fun onDraw(canvas: Canvas) = canvas.drawPath(path, ink)

    override fun onTouchEvent(event: MotionEvent): Boolean {
        when (event.actionMasked) {
            MotionEvent.ACTION_DOWN -> {
                path.moveTo(event.x, event.y)
                path.lineTo(event.x, event.y) // a dot, if the finger does not move
            }
            MotionEvent.ACTION_MOVE -> path.lineTo(event.x, event.y)
            MotionEvent.ACTION_UP -> performClick()
            else -> return false
        }
        invalidate()
        return true
    }

    override fun performClick(): Boolean {
        super.performClick()
        onDrawn()
        return true
    }

    private companion object {
        const val DIGIT_SIDE = 20f // pixels of a digit in MNIST
        const val STROKE = 2.4f // of its 28
    }
}
