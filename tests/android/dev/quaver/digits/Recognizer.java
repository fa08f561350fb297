package dev.quaver.digits;

/** The native functions of the app's Recognizer, and what they have to do. Ends with 0 or throws. */
public final class Recognizer {
    private static native long create();

    private static native int[] recognize(long handle, byte[] pixels);

    private static native String instructionSet(long handle);

    private static native void destroy(long handle);

    private static void expect(boolean condition, String what) {
        if (!condition) throw new AssertionError(what);
    }

    /** A vertical stroke in the middle: a one. */
    private static byte[] one() {
        byte[] pixels = new byte[28 * 28];
        for (int y = 5; y < 23; ++y) {
            for (int x = 13; x < 16; ++x) pixels[y * 28 + x] = (byte) 255;
        }
        return pixels;
    }

    private static void expectRefusal(Class<? extends Exception> type, Runnable call) {
        try {
            call.run();
        } catch (Exception exception) {
            expect(type.isInstance(exception), "threw " + exception);
            expect(!exception.getMessage().isEmpty(), "has a message");
            return;
        }
        throw new AssertionError("did not throw " + type);
    }

    public static void main(String[] arguments) {
        System.load(arguments[0]);
        long first = create();
        long second = create();
        expect(first != 0 && second != 0 && first != second, "two recognizers");
        int[] scores = recognize(first, one());
        expect(scores.length == 10, "ten scores");
        int best = 0;
        for (int i = 0; i < 10; ++i) {
            expect(scores[i] >= 0 && scores[i] <= 255, "score " + scores[i]);
            if (scores[i] > scores[best]) best = i;
        }
        expect(best == 1, "a stroke was read as " + best);
        expect(java.util.Arrays.equals(scores, recognize(second, one())), "both read the same");
        expect(!instructionSet(first).isEmpty(), "an instruction set");
        expectRefusal(IllegalArgumentException.class, () -> recognize(first, new byte[783]));
        expectRefusal(IllegalArgumentException.class, () -> recognize(first, null));
        expectRefusal(IllegalStateException.class, () -> recognize(0, one()));
        destroy(first);
        destroy(second);
        System.out.println("android: a stroke is a one, " + scores[1] + "/256");
    }
}
