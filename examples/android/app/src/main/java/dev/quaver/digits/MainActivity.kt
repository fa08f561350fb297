package dev.quaver.digits

import android.app.Activity
import android.os.Bundle
import android.view.Gravity
import android.view.ViewGroup.LayoutParams.MATCH_PARENT
import android.view.ViewGroup.LayoutParams.WRAP_CONTENT
import android.widget.Button
import android.widget.LinearLayout
import android.widget.TextView

/** A square to draw a digit on; below it, what the network reads. */
class MainActivity : Activity() {
    private lateinit var recognizer: Recognizer
    private lateinit var drawing: DrawingView
    private lateinit var answer: TextView

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        recognizer = Recognizer()
        drawing = DrawingView(this).apply { onDrawn = ::showAnswer }
        answer = TextView(this).apply {
            textSize = 28f
            gravity = Gravity.CENTER
            setText(R.string.draw)
        }
        val clear = Button(this).apply {
            setText(R.string.clear)
            setOnClickListener {
                drawing.clear()
                answer.setText(R.string.draw)
            }
        }
        setContentView(
            LinearLayout(this).apply {
                orientation = LinearLayout.VERTICAL
                gravity = Gravity.CENTER
                addView(drawing, LinearLayout.LayoutParams(MATCH_PARENT, 0, 1f))
                addView(answer, LinearLayout.LayoutParams(MATCH_PARENT, WRAP_CONTENT))
                addView(clear, LinearLayout.LayoutParams(WRAP_CONTENT, WRAP_CONTENT))
            },
        )
    }

    override fun onDestroy() {
        recognizer.close()
        super.onDestroy()
    }

    private fun showAnswer() {
        val pixels = drawing.pixels() ?: return
        val begin = System.nanoTime()
        val scores = recognizer.recognize(pixels)
        val microseconds = (System.nanoTime() - begin) / 1000
        val best = scores.indices.maxByOrNull { scores[it] } ?: return
        val percent = scores[best] * 100 / 256
        answer.text =
            getString(R.string.answer, best, percent, microseconds, recognizer.instructionSet)
    }
}
